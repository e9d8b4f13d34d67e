/**
 * Compression of page runs. A codec is confined to the event loop of its bulk connection.
 *
 * <ul>
 *   <li>{@link io.faultline.proto.compression.PageCodec}: compresses and decompresses one run, in
 *       direct buffers. The source's bulk connections compress, the destination's decompress.
 *   <li>{@code Lz4Codec} and {@code ZstdCodec}: its two implementations, for {@code ENCODING_LZ4}
 *       and {@code ENCODING_ZSTD}.
 *   <li>{@link io.faultline.proto.compression.DecompressionException}: the peer's data is not what
 *       its header announced.
 * </ul>
 */
@NullMarked
package io.faultline.proto.compression;

import org.jspecify.annotations.NullMarked;
