#include "server/access/secret_hash.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <charconv>
#include <memory>
#include <new>
#include <system_error>

namespace convoy::access {
namespace {

// Finding the algorithm and making a context take longer than the sum itself.
class Hasher {
 public:
  Hasher() : context_(EVP_MD_CTX_new(), EVP_MD_CTX_free) {
    if (context_ == nullptr || Algorithm() == nullptr) throw std::bad_alloc();
  }

  SecretHash Sum(std::string_view bytes) {
    SecretHash sum = {};
    EVP_DigestInit_ex2(context_.get(), Algorithm(), nullptr);
    EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size());
    EVP_DigestFinal_ex(context_.get(), sum.data(), nullptr);
    return sum;
  }

 private:
  static const EVP_MD* Algorithm() {
    static const EVP_MD* const algorithm = EVP_MD_fetch(nullptr, "SHA256", nullptr);
    return algorithm;
  }

  std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context_;
};

}  // namespace

SecretHash HashSecret(std::string_view secret) {
  thread_local Hasher hasher;
  return hasher.Sum(secret);
}

bool IsSame(const SecretHash& a, const SecretHash& b) {
  return CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

std::optional<SecretHash> ParseSecretHash(std::string_view hex) {
  SecretHash hash;
  if (hex.size() != 2 * hash.size()) return std::nullopt;
  const char* digits = hex.data();
  for (unsigned char& byte : hash) {
    const auto [end, error] = std::from_chars(digits, digits + 2, byte, 16);
    digits += 2;
    if (error != std::errc() || end != digits) return std::nullopt;
  }
  return hash;
}

}  // namespace convoy::access
