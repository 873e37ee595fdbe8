#include "server/rpc/infer_decoder.h"

#include <google/protobuf/io/zero_copy_stream.h>

#include "absl/strings/str_cat.h"

namespace convoy::rpc {
namespace {

constexpr uint32_t kVarint = 0;
constexpr uint32_t kFixed64 = 1;
constexpr uint32_t kDelimited = 2;
constexpr uint32_t kStartGroup = 3;
constexpr uint32_t kEndGroup = 4;
constexpr uint32_t kFixed32 = 5;
constexpr uint32_t kRawContentsTag =
    (inference::ModelInferRequest::kRawInputContentsFieldNumber << 3) | kDelimited;

// Protobuf's own limit of nested messages and groups.
constexpr int kMaxDepth = 100;

// A message whose metadata was longer than this is not kept for reuse: what a
// strange request made it allocate would stay allocated.
constexpr size_t kMaxReusedMetadataBytes = 1024;

bool SkipField(uint32_t tag, int depth, SliceCursor& cursor);

bool SkipGroup(uint32_t field_number, int depth, SliceCursor& cursor) {
  if (depth == 0) return false;
  uint32_t tag;
  while (cursor.ReadTag(tag)) {
    if ((tag & 7) == kEndGroup) return tag >> 3 == field_number;
    if (!SkipField(tag, depth, cursor)) return false;
  }
  return false;
}

bool SkipField(uint32_t tag, int depth, SliceCursor& cursor) {
  uint64_t varint;
  size_t length;
  switch (tag & 7) {
    case kVarint:
      return cursor.ReadVarint(varint);
    case kFixed64:
      return cursor.Skip(8);
    case kDelimited:
      return cursor.ReadLength(length) && cursor.Skip(length);
    case kStartGroup:
      return SkipGroup(tag >> 3, depth - 1, cursor);
    case kFixed32:
      return cursor.Skip(4);
    default:  // the end of a group that never began, or no wire type at all
      return false;
  }
}

// Shows pieces to protobuf as one stream.
class PieceStream final : public google::protobuf::io::ZeroCopyInputStream {
 public:
  explicit PieceStream(const BytePieces& pieces) : pieces_(pieces) {}

  bool Next(const void** data, int* size) override {
    while (index_ < pieces_.size() && offset_ == pieces_[index_].size()) {
      ++index_;
      offset_ = 0;
    }
    if (index_ == pieces_.size()) return false;
    *data = pieces_[index_].data() + offset_;
    *size = static_cast<int>(pieces_[index_].size() - offset_);
    offset_ = pieces_[index_].size();
    count_ += *size;
    return true;
  }

  void BackUp(int count) override {
    offset_ -= count;
    count_ -= count;
  }

  bool Skip(int count) override {
    const void* data;
    int size;
    while (count > 0 && Next(&data, &size)) {
      if (size > count) BackUp(size - count);
      count -= size;
    }
    return count <= 0;
  }

  int64_t ByteCount() const override { return count_; }

 private:
  const BytePieces& pieces_;
  size_t index_ = 0;
  size_t offset_ = 0;
  int64_t count_ = 0;
};

}  // namespace

absl::Status InferDecoder::Decode(const grpc::ByteBuffer& buffer) {
  absl::Status status = DecodeAll(buffer);
  if (!status.ok()) message_.Clear();  // half a message, or the one before
  return status;
}

absl::Status InferDecoder::DecodeAll(const grpc::ByteBuffer& buffer) {
  Reset();
  if (!buffer.Dump(&slices_).ok()) {
    return absl::InvalidArgumentError("ModelInferRequest: the message cannot be decompressed");
  }
  if (!Walk()) {
    return absl::InvalidArgumentError(
        absl::StrCat("ModelInferRequest: the message is truncated or malformed: expected a "
                     "protobuf field, got something else near byte ",
                     broken_at_));
  }
  if (!ParseMetadata()) {
    return absl::InvalidArgumentError(
        "ModelInferRequest: the message is malformed: a nested field is truncated, or a string "
        "is not UTF-8");
  }
  return absl::OkStatus();
}

void InferDecoder::Reset() {
  slices_.clear();
  metadata_.resize(0);  // unlike clear(), keeps the memory
  raw_pieces_.resize(0);
  raw_bytes_ = 0;
  raw_contents_ = 0;
  if (metadata_bytes_ > kMaxReusedMetadataBytes) message_ = inference::ModelInferRequest();
  metadata_bytes_ = 0;
}

bool InferDecoder::Walk() {
  SliceCursor cursor(slices_);
  while (cursor.remaining() > 0) {
    SliceCursor field = cursor;
    uint32_t tag;
    const bool whole =
        cursor.ReadTag(tag) &&
        (tag == kRawContentsTag ? TakeRawContents(cursor) : SkipField(tag, kMaxDepth, cursor));
    if (!whole) {
      broken_at_ = cursor.position();
      return false;
    }
    if (tag != kRawContentsTag) {
      const size_t length = cursor.position() - field.position();
      field.Take(length, metadata_);
      metadata_bytes_ += length;
    }
  }
  return true;
}

bool InferDecoder::TakeRawContents(SliceCursor& cursor) {
  size_t length;
  if (!cursor.ReadLength(length)) return false;
  if (++raw_contents_ > 1) return cursor.Skip(length);
  raw_bytes_ = length;
  cursor.Take(length, raw_pieces_);
  return true;
}

bool InferDecoder::ParseMetadata() {
  if (metadata_.size() == 1) {
    return message_.ParseFromArray(metadata_[0].data(), static_cast<int>(metadata_[0].size()));
  }
  PieceStream stream(metadata_);
  return message_.ParseFromZeroCopyStream(&stream);
}

}  // namespace convoy::rpc
