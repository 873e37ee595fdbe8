// What is kept of a token's secret.
#ifndef CONVOY_SERVER_ACCESS_SECRET_HASH_H_
#define CONVOY_SERVER_ACCESS_SECRET_HASH_H_

#include <array>
#include <optional>
#include <string_view>

namespace convoy::access {

// SHA-256. A secret has 256 random bits, so nobody finds it by trying, and nothing slower
// is needed.
using SecretHash = std::array<unsigned char, 32>;

// Any thread.
SecretHash HashSecret(std::string_view secret);

// Takes the same time whatever differs.
bool IsSame(const SecretHash& a, const SecretHash& b);

// 64 hexadecimal digits.
std::optional<SecretHash> ParseSecretHash(std::string_view hex);

}  // namespace convoy::access

#endif  // CONVOY_SERVER_ACCESS_SECRET_HASH_H_
