// Transposes matrices: between channels_first and channels_last.
#ifndef CONVOY_KERNEL_BATCH_TRANSPOSE_H_
#define CONVOY_KERNEL_BATCH_TRANSPOSE_H_

#include <cstdint>

namespace convoy::batch {

// target[c][r] = source[r][c] for a (rows, columns) matrix; consecutive rows lie
// `source_pitch` and `target_pitch` elements apart. Only the first `columns`
// columns of a source row are read. The areas must not overlap. Thread-safe.
// Instantiated for float, double and uint16_t.
template <typename Element>
void Transpose(const Element* source, int64_t rows, int64_t columns, int64_t source_pitch,
               Element* target, int64_t target_pitch);

}  // namespace convoy::batch

#endif  // CONVOY_KERNEL_BATCH_TRANSPOSE_H_
