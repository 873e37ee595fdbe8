// Small random damage to a file, most of it in the terms of the file's own format.
#ifndef CONVOY_TESTS_SERVER_REPOSITORY_MUTATION_H_
#define CONVOY_TESTS_SERVER_REPOSITORY_MUTATION_H_

#include <algorithm>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <utility>

namespace convoy::repository {

using MutationRandom = std::mt19937_64;

// Pieces that a reader may stumble over: numbers at the edges of their types,
// values of other kinds, brackets, keys, names of other things, and bytes that are
// no text.
inline std::string Token(MutationRandom& random) {
  constexpr std::string_view kTokens[] = {"0",
                                          "-1",
                                          "1",
                                          "2",
                                          "3",
                                          "1.5",
                                          "-0.0",
                                          "1e300",
                                          "1e-320",
                                          "1e999",
                                          "NaN",
                                          "Infinity",
                                          "2147483647",
                                          "2147483648",
                                          "4294967296",
                                          "1048577",
                                          "268435457",
                                          "9007199254740993",
                                          "9223372036854775807",
                                          "9223372036854775808",
                                          "18446744073709551615",
                                          "18446744073709551616",
                                          "-9223372036854775808",
                                          "-9223372036854775809",
                                          "null",
                                          "true",
                                          "false",
                                          "\"\"",
                                          "\"a\"",
                                          "\"3\"",
                                          "[]",
                                          "{}",
                                          "[null]",
                                          "[1]",
                                          "[1,1]",
                                          "[1,2,3]",
                                          "[[1]]",
                                          "{\"a\":1}",
                                          "[18446744073709551615]",
                                          "[9223372036854775807]",
                                          "\"valid\"",
                                          "\"same\"",
                                          "\"causal\"",
                                          "\"channels_first\"",
                                          "\"softmax\"",
                                          "\"glu\"",
                                          "\"sparsemax\"",
                                          "\"float64\"",
                                          "\"bfloat16\"",
                                          "\"float8\"",
                                          "\"identity\"",
                                          "\"stft\"",
                                          "\"orthogonal\"",
                                          "\"he_normal\"",
                                          "\"unit_norm\"",
                                          "\"max_norm\"",
                                          "\"l1\"",
                                          "\"rank\"",
                                          "\"filters\":",
                                          "\"groups\":",
                                          "\"kernel_size\":",
                                          "\"dilation_rate\":",
                                          "\"strides\":",
                                          "\"class_name\":",
                                          "\"config\":",
                                          "\"module\":",
                                          "\"axis\":",
                                          "\"lora_rank\":",
                                          "\"build_config\":",
                                          "\"input_shape\":",
                                          "\"batch_input_shape\":",
                                          "\"keras_version\":",
                                          "\"kernel\":",
                                          "\"dtype\":",
                                          "\"shape\":",
                                          "\"data_offsets\":",
                                          "\"__metadata__\":",
                                          "{",
                                          "}",
                                          "[",
                                          "]",
                                          ",",
                                          ":",
                                          "\"",
                                          "\\",
                                          "\\u0000",
                                          "\\ud800",
                                          "\xC3",
                                          "\xFF",
                                          "\n"};
  return std::string(kTokens[random() % std::size(kTokens)]);
}

// A number, word or bracket of `text` near `at`: where it begins and its length.
inline std::pair<size_t, size_t> WordAt(const std::string& text, size_t at) {
  const auto is_word = [&](size_t i) {
    return text[i] == '"' || text[i] == '.' || text[i] == '_' || text[i] == '-' ||
           (text[i] >= '0' && text[i] <= '9') || (text[i] >= 'a' && text[i] <= 'z') ||
           (text[i] >= 'A' && text[i] <= 'Z');
  };
  size_t begin = at, end = at;
  while (begin > 0 && is_word(begin - 1)) --begin;
  while (end < text.size() && is_word(end)) ++end;
  return {begin, std::max<size_t>(end - begin, 1)};
}

// `text` with a piece of damage, sometimes with two. REQUIRES: not empty.
inline std::string Mutated(std::string text, MutationRandom& random) {
  const uint64_t changes = random() % 4 == 0 ? 2 : 1;
  for (uint64_t i = 0; i < changes && !text.empty(); ++i) {
    const size_t at = random() % text.size();
    const size_t length = std::min<size_t>(1 + random() % 24, text.size() - at);
    const auto [word, word_length] = WordAt(text, at);
    switch (random() % 10) {
      case 0:
        text[at] = static_cast<char>(text[at] ^ (1 << random() % 8));
        break;
      case 1:
        text.erase(at, length);
        break;
      case 2:
        text.insert(random() % text.size(), text.substr(at, length));
        break;
      case 3:
        text.insert(at, Token(random));
        break;
      case 4:
        text.resize(at);
        break;
      case 5:
        text.insert(at, std::string(1 + random() % 3000, "[{\"0 "[random() % 5]));
        break;
      default: {  // the one that gets past the parser most often
        std::string token = Token(random);
        if (token.back() == ':') token.pop_back();  // the word's own follows
        text.replace(word, word_length, token);
      }
    }
  }
  return text;
}

// Whether `text` is valid UTF-8, as far as lengths and continuations go.
inline bool IsUtf8(std::string_view text) {
  for (size_t i = 0; i < text.size();) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const size_t length = byte < 0x80 ? 1 : byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : 2;
    if (byte >= 0x80 && byte < 0xC2) return false;
    if (byte > 0xF4 || i + length > text.size()) return false;
    for (size_t j = 1; j < length; ++j) {
      if ((static_cast<unsigned char>(text[i + j]) & 0xC0) != 0x80) return false;
    }
    i += length;
  }
  return true;
}

}  // namespace convoy::repository

#endif  // CONVOY_TESTS_SERVER_REPOSITORY_MUTATION_H_
