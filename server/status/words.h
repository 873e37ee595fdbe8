// Numbers as people read them.
#ifndef CONVOY_SERVER_STATUS_WORDS_H_
#define CONVOY_SERVER_STATUS_WORDS_H_

#include <cstdint>
#include <string>
#include <string_view>

namespace convoy::status {

// "1,234".
std::string Count(uint64_t count);

// "0", "0.3", "12", "1,234": what happens per second.
std::string Rate(double per_second);

// "0.4 %", "12 %"; "under 0.1 %" for what is more than nothing.
std::string Percent(double share);

// "0.40 ms", "2.1 ms", "48 ms", "1.2 s".
std::string Duration(double seconds);

// "1 layer", "1,234 layers".
std::string Counted(uint64_t count, std::string_view noun);

}  // namespace convoy::status

#endif  // CONVOY_SERVER_STATUS_WORDS_H_
