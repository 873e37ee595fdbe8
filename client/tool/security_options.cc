#include "client/tool/security_options.h"

#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <iterator>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace convoy::tool {
namespace {

absl::Status ReadInto(const std::string& path, std::string& text) {
  if (path.empty()) return absl::OkStatus();
  std::ifstream file(path, std::ios::binary);
  if (!file.is_open()) return absl::ErrnoToStatus(errno, path);
  text.assign(std::istreambuf_iterator<char>(file), {});
  if (file.bad()) return absl::UnknownError(absl::StrCat(path, ": reading failed"));
  if (text.empty()) return absl::InvalidArgumentError(absl::StrCat(path, ": the file is empty"));
  return absl::OkStatus();
}

absl::Status Check(const SecurityArguments& arguments) {
  if (arguments.certificate.empty() != arguments.key.empty()) {
    return absl::InvalidArgumentError("--cert and --key go together");
  }
  const bool of_tls =
      !arguments.ca.empty() || !arguments.key.empty() || !arguments.server_name.empty();
  if (of_tls && !arguments.tls) {
    return absl::InvalidArgumentError("--ca, --cert, --key and --server-name need --tls");
  }
  return absl::OkStatus();
}

}  // namespace

void AddSecurityOptions(CLI::App& app, SecurityArguments& arguments) {
  app.add_flag("--tls", arguments.tls, "Connect with TLS");
  app.add_option(
         "--ca", arguments.ca,
         "PEM file of who signs the server's certificate (default: whom this machine trusts)")
      ->type_name("FILE");
  app.add_option("--cert", arguments.certificate, "PEM file of a certificate to show the server")
      ->type_name("FILE");
  app.add_option("--key", arguments.key, "PEM file of that certificate's key")->type_name("FILE");
  app.add_option("--server-name", arguments.server_name,
                 "Name that the server's certificate must have (default: that of --server)")
      ->type_name("NAME");
  app.add_option("--token-file", arguments.token_file,
                 "File of the token to call with (default: the variable CONVOY_TOKEN)")
      ->type_name("FILE");
}

absl::StatusOr<client::Security> ReadSecurity(const SecurityArguments& arguments) {
  client::Security security{.tls = arguments.tls, .server_name = arguments.server_name};
  absl::Status status = Check(arguments);
  status.Update(ReadInto(arguments.ca, security.ca));
  status.Update(ReadInto(arguments.certificate, security.certificate));
  status.Update(ReadInto(arguments.key, security.key));
  status.Update(ReadInto(arguments.token_file, security.token));
  if (!status.ok()) return status;
  if (arguments.token_file.empty()) {
    const char* const token = std::getenv("CONVOY_TOKEN");  // NOLINT(concurrency-mt-unsafe)
    if (token != nullptr) security.token = token;
  }
  absl::StripAsciiWhitespace(&security.token);
  for (const char c : security.token) {
    if (!absl::ascii_isgraph(static_cast<unsigned char>(c))) {
      return absl::InvalidArgumentError("the token: expected NAME.SECRET on one line");
    }
  }
  return security;
}

}  // namespace convoy::tool
