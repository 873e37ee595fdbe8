#include "server/rpc/message_slices.h"

#include <grpc/byte_buffer.h>
#include <grpc/impl/codegen/compression_types.h>
#include <zlib.h>

#include <algorithm>
#include <new>
#include <string>
#include <type_traits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "kernel/base/status_macros.h"

namespace convoy::rpc {
namespace {

// Room for what is inflated: little at first, most messages are small.
constexpr size_t kMinSliceBytes = size_t{4} << 10;
constexpr size_t kMaxSliceBytes = size_t{64} << 10;

absl::Status TooLarge(size_t max_bytes, const std::string& got) {
  return absl::ResourceExhaustedError(absl::StrCat("message: expected at most ", max_bytes,
                                                   " bytes, the server's limit, got ", got));
}

grpc_compression_algorithm CompressionOf(const grpc::ByteBuffer& message) {
  // A ByteBuffer is a grpc_byte_buffer* and nothing else, as its header asserts; it
  // has no accessor for this.
  static_assert(sizeof(grpc::ByteBuffer) == sizeof(grpc_byte_buffer*));
  static_assert(std::is_standard_layout_v<grpc::ByteBuffer>);
  const grpc_byte_buffer* buffer = *reinterpret_cast<grpc_byte_buffer* const*>(&message);
  return buffer == nullptr ? GRPC_COMPRESS_NONE : buffer->data.raw.compression;
}

// Inflates slice after slice, up to a number of bytes.
class Inflater {
 public:
  Inflater(grpc_compression_algorithm compression, size_t max_bytes) : max_bytes_(max_bytes) {
    // zlib's numbers for the largest window, and for gzip's header before it.
    constexpr int kWindow = 15;
    constexpr int kGzip = 16;
    const int window = compression == GRPC_COMPRESS_GZIP ? kWindow + kGzip : kWindow;
    if (inflateInit2(&stream_, window) != Z_OK) throw std::bad_alloc();  // nothing else fails
  }
  ~Inflater() { inflateEnd(&stream_); }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;

  absl::Status Add(const grpc::Slice& packed) {
    stream_.next_in = const_cast<Bytef*>(packed.begin());
    stream_.avail_in = static_cast<uInt>(packed.size());
    // zlib may keep a rest for which there was no room.
    while (stream_.avail_in > 0 || (stream_.avail_out == 0 && !ended_)) {
      if (ended_) return Broken();  // nothing may follow
      if (stream_.avail_out == 0) Grow();
      const int result = inflate(&stream_, Z_NO_FLUSH);
      if (result == Z_BUF_ERROR && stream_.avail_in == 0) break;  // there was no rest
      if (result != Z_OK && result != Z_STREAM_END) return Broken();
      ended_ = result == Z_STREAM_END;
      if (stream_.total_out > max_bytes_) return TooLarge(max_bytes_, "more after decompression");
    }
    return absl::OkStatus();
  }

  // After the last one: everything that was inflated.
  absl::Status Finish(std::vector<grpc::Slice>& slices) {
    if (!ended_) return Broken();
    if (!slices_.empty()) {
      grpc::Slice& last = slices_.back();
      last = last.sub(0, last.size() - stream_.avail_out);
    }
    slices = std::move(slices_);
    return absl::OkStatus();
  }

 private:
  static absl::Status Broken() {
    return absl::InvalidArgumentError("message: it cannot be decompressed");
  }

  void Grow() {
    slices_.emplace_back(
        std::clamp(static_cast<size_t>(stream_.total_out), kMinSliceBytes, kMaxSliceBytes));
    stream_.next_out = const_cast<Bytef*>(slices_.back().begin());
    stream_.avail_out = static_cast<uInt>(slices_.back().size());
  }

  const size_t max_bytes_;
  z_stream stream_ = {};
  bool ended_ = false;
  std::vector<grpc::Slice> slices_;
};

}  // namespace

absl::Status TakeSlices(const grpc::ByteBuffer& message, size_t max_bytes,
                        std::vector<grpc::Slice>& slices) {
  slices.clear();
  if (message.Length() > max_bytes) return TooLarge(max_bytes, absl::StrCat(message.Length()));
  const grpc_compression_algorithm compression = CompressionOf(message);
  if (!message.Dump(&slices).ok()) return absl::InternalError("message: it cannot be read");
  if (compression == GRPC_COMPRESS_NONE) return absl::OkStatus();
  Inflater inflater(compression, max_bytes);
  for (const grpc::Slice& packed : slices) CONVOY_RETURN_IF_ERROR(inflater.Add(packed));
  return inflater.Finish(slices);
}

void ReleaseSlices(std::vector<grpc::Slice>& slices) {
  if (slices.empty()) return;
  const grpc::ByteBuffer message(slices.data(), slices.size());  // refers to them, too
  slices.clear();
}

}  // namespace convoy::rpc
