/**
 * CRIU's image files: reading and writing those that a lazy restore needs. Everything that is read
 * is checked first: a damaged image is an {@link io.faultline.restore.image.ImageException} with
 * one line for the user.
 *
 * <ul>
 *   <li>{@link io.faultline.restore.image.ImageDirectory}: the images of one dump: its processes;
 *       the images of the dump before it.
 *   <li>{@link io.faultline.restore.image.TaskImage}: the lazy pages of one process, and where each
 *       one's contents are.
 *   <li>{@link io.faultline.restore.image.Pagemap}: one pagemap file; {@code PagemapReader} checks
 *       it entry by entry; {@link io.faultline.restore.image.PageFlags}: what an entry says of its
 *       pages.
 *   <li>{@link io.faultline.restore.image.PageExtents}: pages sorted by address, and the file and
 *       offset of their contents; {@code PageLocator} finds those in the images of earlier dumps,
 *       too; {@code AreaCutter} cuts them at the borders of memory areas.
 *   <li>{@link io.faultline.restore.image.ParentImages}: the images of the dump before one that is
 *       being written.
 *   <li>{@code ImageReader}: magic numbers and records; {@code ImageType}: the kinds of files.
 *   <li>{@link io.faultline.restore.image.PagemapWriter}: writes a pagemap and its pages; {@code
 *       ImageWriter}: the other files; {@link io.faultline.restore.image.RestoreImages}: those of a
 *       made-up process.
 * </ul>
 *
 * <p>Messages are defined in {@code criu_images.proto}. Objects are immutable and thread-safe;
 * readers and writers are used by one thread.
 */
@NullMarked
package io.faultline.restore.image;

import org.jspecify.annotations.NullMarked;
