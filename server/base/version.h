// The version of the server, from the build.
#ifndef CONVOY_SERVER_BASE_VERSION_H_
#define CONVOY_SERVER_BASE_VERSION_H_

namespace convoy {

inline constexpr char kVersion[] = CONVOY_VERSION;

}  // namespace convoy

#endif  // CONVOY_SERVER_BASE_VERSION_H_
