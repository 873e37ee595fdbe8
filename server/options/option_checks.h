// What the values of options must look like.
#ifndef CONVOY_SERVER_OPTIONS_OPTION_CHECKS_H_
#define CONVOY_SERVER_OPTIONS_OPTION_CHECKS_H_

#include <CLI/CLI.hpp>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace convoy {

// What is taken, for the one who checks it and for the one who is shown it.
struct OptionRange {
  CLI::Validator check;
  nlohmann::ordered_json least = nullptr;  // null: there is none
  nlohmann::ordered_json most = nullptr;
  std::vector<std::string> choices = {};  // the only values; empty: any in the range
};

OptionRange WholeNumbers(int64_t least, int64_t most);

OptionRange OneOf(const std::vector<std::string>& choices);

// host:port, [ipv6]:port or unix:path.
CLI::Validator Address();

// The same, or several with commas between them.
CLI::Validator Addresses();

// A name, or several with commas between them.
CLI::Validator NotEmpty();

// `least` to a day.
OptionRange Seconds(double least = 0);

// Replaces "64MiB" by its bytes.
CLI::Validator ByteSize();

// What ByteSize reads, as people write it: "64MiB".
std::string ByteText(int64_t bytes);

}  // namespace convoy

#endif  // CONVOY_SERVER_OPTIONS_OPTION_CHECKS_H_
