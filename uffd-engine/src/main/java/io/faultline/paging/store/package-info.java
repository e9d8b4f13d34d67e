/**
 * Stores for {@link io.faultline.paging.Pager}. They need only the JDK; codecs come from the user.
 *
 * <ul>
 *   <li>{@link io.faultline.paging.store.FileStore}: a file of the region's size, sparse where
 *       nothing was written, or a block device.
 *   <li>{@link io.faultline.paging.store.SparseFilesStore}: a directory of files that are made on
 *       the first write; {@code SparseFilesLayout} is its metadata.
 *   <li>{@link io.faultline.paging.store.DeltaStore}: a base that is only read, and a delta that
 *       has what was written; {@code DeltaMap} says which pages that is, {@code DeltaHeader} for
 *       which base.
 *   <li>{@link io.faultline.paging.store.CompressedMemoryStore}: compressed pages in native memory,
 *       in blocks of {@code SlabMemory}; {@code PageCompressor} calls the {@link
 *       io.faultline.paging.store.BlockCodec}; {@link
 *       io.faultline.paging.store.CompressedMemoryStats}.
 *   <li>{@link io.faultline.paging.store.StoreRange}: a part of another store.
 * </ul>
 *
 * <p>{@code StoreFile} opens and locks files, {@code LockHolder} names who has locked one.
 *
 * <p>All read zeros where nothing was written, and short at their end. All may be called by several
 * threads at once, as {@link io.faultline.paging.PageStore} says; errors name the file.
 */
@NullMarked
package io.faultline.paging.store;

import org.jspecify.annotations.NullMarked;
