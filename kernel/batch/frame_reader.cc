#include "kernel/batch/frame_reader.h"

#include <algorithm>

#include "absl/types/span.h"
#include "kernel/batch/transpose.h"
#include "kernel/layer/reduced_precision.h"
#include "kernel/layer/tensor_values.h"

namespace convoy::batch {
namespace {

// Channels that are turned together: what stays in the second-level cache, yet
// enough for Transpose to write whole cache lines.
int64_t BandOf(int64_t channels, int64_t row_bytes) {
  constexpr int64_t kBandBytes = int64_t{256} << 10;
  constexpr int64_t kLine = 16;
  const int64_t band = kBandBytes / row_bytes / kLine * kLine;
  return std::min(std::max(band, kLine), channels);
}

}  // namespace

template <typename Real>
FrameReader<Real>::FrameReader(const layer::Conv1D& layer, const Input& input, BufferPool& pool)
    : compute_dtype_(layer.compute_dtype()),
      channels_first_(layer.config().data_format == layer::DataFormat::kChannelsFirst),
      channels_(layer.input_channels()),
      length_(input.shape.length),
      pool_(pool),
      reader_(input.payload, input.dtype),
      left_(input.shape.length) {}

template <typename Real>
void FrameReader<Real>::Read(Real* target, int64_t count) {
  if (channels_first_) {
    ReadChannelsFirst(target, count);
    left_ = 0;
  } else {
    reader_.Read(target, count * channels_);
    left_ -= count;
  }
  layer::RoundTo(compute_dtype_, absl::MakeSpan(target, static_cast<size_t>(count * channels_)));
}

template <typename Real>
void FrameReader<Real>::ReadChannelsFirst(Real* target, int64_t count) {
  const Real* whole = reader_.Contiguous(channels_ * length_);
  if (whole != nullptr) {
    Transpose(whole, channels_, count, length_, target, channels_);
    return;
  }
  const int64_t row_bytes = length_ * static_cast<int64_t>(sizeof(Real));
  const int64_t band = BandOf(channels_, row_bytes);
  if (!band_) band_ = pool_.Get(static_cast<size_t>(band * row_bytes));
  Real* const rows = reinterpret_cast<Real*>(band_->data());
  for (int64_t c = 0; c < channels_; c += band) {
    const int64_t some = std::min(band, channels_ - c);
    reader_.Read(rows, some * length_);
    Transpose(rows, some, count, length_, target + c, channels_);
  }
}

template <typename Real>
void FrameReader<Real>::EndSequence() {
  reader_.Skip(left_ * channels_);
  left_ = length_;
}

template <typename Real>
int64_t FrameReader<Real>::PoolBytes(const layer::Conv1D& layer, int64_t length) {
  if (layer.config().data_format != layer::DataFormat::kChannelsFirst || length == 0) return 0;
  const int64_t row_bytes = length * static_cast<int64_t>(sizeof(Real));
  return BufferPool::CapacityOf(BandOf(layer.input_channels(), row_bytes) * row_bytes);
}

template class FrameReader<float>;
template class FrameReader<double>;

}  // namespace convoy::batch
