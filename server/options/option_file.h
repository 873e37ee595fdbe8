// A file of options.
#ifndef CONVOY_SERVER_OPTIONS_OPTION_FILE_H_
#define CONVOY_SERVER_OPTIONS_OPTION_FILE_H_

#include <filesystem>
#include <istream>
#include <map>
#include <string>

#include "absl/status/statusor.h"

namespace convoy {

// Values by key, as text.
using OptionFile = std::map<std::string, std::string>;

// Reads lines of `key = value` (TOML or INI: values quoted or not, # comments).
//   INVALID_ARGUMENT  a section, a key without or with several values, or a key
//                     given twice; names the key.
absl::StatusOr<OptionFile> ReadOptionFile(std::istream& stream);

// The same for a file. The message names it.
//   NOT_FOUND  it cannot be opened.
absl::StatusOr<OptionFile> ReadOptionFile(const std::filesystem::path& path);

}  // namespace convoy

#endif  // CONVOY_SERVER_OPTIONS_OPTION_FILE_H_
