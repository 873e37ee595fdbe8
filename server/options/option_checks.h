// What the values of options must look like.
#ifndef CONVOY_SERVER_OPTIONS_OPTION_CHECKS_H_
#define CONVOY_SERVER_OPTIONS_OPTION_CHECKS_H_

#include <CLI/CLI.hpp>
#include <cstdint>
#include <string>

namespace convoy {

// host:port, [ipv6]:port or unix:path.
CLI::Validator Address();

// The same, or several with commas between them.
CLI::Validator Addresses();

// A name, or several with commas between them.
CLI::Validator NotEmpty();

// `least` to a day.
CLI::Validator Seconds(double least = 0);

// Replaces "64MiB" by its bytes.
CLI::Validator ByteSize();

// What ByteSize reads, as people write it: "64MiB".
std::string ByteText(int64_t bytes);

}  // namespace convoy

#endif  // CONVOY_SERVER_OPTIONS_OPTION_CHECKS_H_
