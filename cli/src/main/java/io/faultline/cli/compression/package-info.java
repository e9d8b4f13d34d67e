/**
 * Compressed memory as a store of a pager, for the commands that offer it: the store is the
 * engine's ({@link io.faultline.paging.store.CompressedMemoryStore}), the codecs are those of the
 * wire.
 *
 * <ul>
 *   <li>{@link io.faultline.cli.compression.CompressedMemory}: its size, limit and codec, as the
 *       user wants them; opens it.
 *   <li>{@link io.faultline.cli.compression.MemoryCodec}: the codecs.
 * </ul>
 */
@NullMarked
package io.faultline.cli.compression;

import org.jspecify.annotations.NullMarked;
