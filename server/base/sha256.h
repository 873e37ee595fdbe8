// Checksums of files.
#ifndef CONVOY_SERVER_BASE_SHA256_H_
#define CONVOY_SERVER_BASE_SHA256_H_

#include <memory>
#include <string>
#include <string_view>

namespace convoy {

// SHA-256 of bytes that come piece by piece. Not thread-safe.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(Sha256&&) noexcept;
  Sha256& operator=(Sha256&&) noexcept;

  void Update(std::string_view bytes);

  // Of everything so far: 32 bytes.
  std::string Bytes() const;

  // The same as 64 lower-case hexadecimal digits.
  std::string Hex() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

std::string Sha256Hex(std::string_view bytes);

}  // namespace convoy

#endif  // CONVOY_SERVER_BASE_SHA256_H_
