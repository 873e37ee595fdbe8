#include "client/tool/token_command.h"

#include <fcntl.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

namespace convoy::tool {
namespace {

using Json = nlohmann::ordered_json;

constexpr size_t kSecretBytes = 32;
constexpr size_t kMaxNameBytes = 64;

bool IsName(const std::string& name) {
  return !name.empty() && name.size() <= kMaxNameBytes &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '_';
         });
}

// 256 random bits as 43 characters; empty when the system has none.
std::string NewSecret() {
  std::array<unsigned char, kSecretBytes> bytes;
  if (RAND_bytes(bytes.data(), bytes.size()) != 1) return "";
  return absl::WebSafeBase64Escape({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

std::string Sha256Hex(const std::string& text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> sum;
  unsigned int size = 0;
  EVP_Digest(text.data(), text.size(), sum.data(), &size, EVP_sha256(), nullptr);
  return absl::BytesToHexString({reinterpret_cast<const char*>(sum.data()), size});
}

Json EntryOf(const TokenArguments& arguments, const std::string& secret) {
  Json entry = {{"name", arguments.name}, {"sha256", Sha256Hex(secret)}};
  if (!arguments.certificate.empty()) entry["certificate"] = arguments.certificate;
  if (!arguments.infer.empty()) entry["infer"] = arguments.infer;
  if (arguments.read) entry["read"] = true;
  if (arguments.write) entry["write"] = true;
  if (arguments.weight != 1) entry["weight"] = arguments.weight;
  if (arguments.max_in_flight > 0) entry["max_in_flight"] = arguments.max_in_flight;
  if (arguments.max_waiting_bytes > 0) entry["max_waiting_bytes"] = arguments.max_waiting_bytes;
  return entry;
}

absl::StatusOr<Json> ReadTokens(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file.is_open()) {
    if (errno == ENOENT) return Json{{"tokens", Json::array()}};
    return absl::ErrnoToStatus(errno, path);
  }
  const std::string text(std::istreambuf_iterator<char>(file), {});
  Json document = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (document.is_object() && document.contains("tokens") && document["tokens"].is_array()) {
    return document;
  }
  return absl::InvalidArgumentError(absl::StrCat(path, ": expected {\"tokens\": [...]}"));
}

absl::Status AddEntry(const TokenArguments& arguments, Json entry, Json& document) {
  Json& tokens = document["tokens"];
  const auto same = std::find_if(tokens.begin(), tokens.end(), [&](const Json& one) {
    return one.is_object() && one.contains("name") && one["name"] == arguments.name;
  });
  if (same == tokens.end()) {
    tokens.push_back(std::move(entry));
    return absl::OkStatus();
  }
  if (!arguments.replace) {
    return absl::AlreadyExistsError(absl::StrCat(arguments.tokens, ": there is a token ",
                                                 arguments.name,
                                                 " already; --replace replaces it"));
  }
  *same = std::move(entry);
  return absl::OkStatus();
}

// At once: the server sees the old file or the new one. Only its owner may read it.
absl::Status WriteTokens(const std::string& path, const std::string& text) {
  const std::string next = path + ".new";
  const int file = open(next.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, S_IRUSR | S_IWUSR);
  if (file < 0) return absl::ErrnoToStatus(errno, next);
  struct stat before = {};
  // A server that runs as another user of the same group goes on reading it.
  if (stat(path.c_str(), &before) == 0) fchmod(file, before.st_mode & 0777);
  const bool written = write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
                       fsync(file) == 0;
  const int error = errno;
  close(file);
  if (!written) return absl::ErrnoToStatus(error, next);
  if (rename(next.c_str(), path.c_str()) != 0) return absl::ErrnoToStatus(errno, path);
  return absl::OkStatus();
}

}  // namespace

CLI::App* AddTokenCommand(CLI::App& app, TokenArguments& arguments) {
  CLI::App* command = app.add_subcommand("token", "Make a token for the server's --tokens file");
  command->add_option("NAME", arguments.name, "Who calls with it")->required()->type_name("");
  command->add_option("--infer", arguments.infer, "Layers that it may use, * for all")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->type_name("LAYERS");
  command->add_flag("--read", arguments.read, "It may look at everything");
  command->add_flag("--write", arguments.write, "It may change what is served, and look");
  command
      ->add_option("--certificate", arguments.certificate,
                   "Callers with a certificate of this name may do the same without the token")
      ->type_name("NAME");
  command->add_option("--weight", arguments.weight, "Its share of the server beside the others'")
      ->check(CLI::Range(0.01, 100.0).description(""))
      ->capture_default_str()
      ->type_name("N");
  command->add_option("--max-in-flight", arguments.max_in_flight, "Its requests at the same time")
      ->check(CLI::NonNegativeNumber)
      ->type_name("N");
  command->add_option("--max-waiting-bytes", arguments.max_waiting_bytes, "Tensor bytes of these")
      ->check(CLI::NonNegativeNumber)
      ->type_name("BYTES");
  command->add_option("--tokens", arguments.tokens, "The server's file, to add the token to")
      ->type_name("FILE");
  command->add_flag("--replace", arguments.replace, "Replace the file's token of this name");
  return command;
}

Outcome RunToken(const ToolContext& context, const TokenArguments& arguments) {
  if (!IsName(arguments.name)) {
    return BadUsage(absl::InvalidArgumentError(
        absl::StrCat("NAME: expected 1 to ", kMaxNameBytes, " letters, digits, - and _")));
  }
  const std::string secret = NewSecret();
  if (secret.empty()) return BadUsage(absl::UnavailableError("the system has no random bits"));
  Json entry = EntryOf(arguments, secret);
  const std::string token = absl::StrCat(arguments.name, ".", secret);
  if (arguments.tokens.empty()) {
    context.out << "token: " << token << "\nentry: " << entry.dump() << "\n";
    return {};
  }
  absl::StatusOr<Json> document = ReadTokens(arguments.tokens);
  if (!document.ok()) return BadUsage(document.status());
  absl::Status status = AddEntry(arguments, std::move(entry), *document);
  if (status.ok()) status = WriteTokens(arguments.tokens, document->dump(2) + "\n");
  if (!status.ok()) return BadUsage(status);
  context.out << token << "\n";
  return {};
}

}  // namespace convoy::tool
