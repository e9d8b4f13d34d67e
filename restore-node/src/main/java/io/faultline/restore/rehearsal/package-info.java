/**
 * Restores made-up processes before CRIU restores a real one, with the code that the real one
 * needs: front end, images, origin, outcome. A JVM takes tenths of a second to load and compile it.
 *
 * <ul>
 *   <li>{@link io.faultline.restore.rehearsal.RestoreRehearsal}: the entry: a restore of memory of
 *       this process.
 *   <li>{@link io.faultline.restore.rehearsal.RehearsedProcess}: the process; {@code
 *       RehearsedDump}: its images; {@code RehearsedPageServer}: the page server, if pages come
 *       from one; {@code RehearsedCriu}: the other side of the socket.
 * </ul>
 */
@NullMarked
package io.faultline.restore.rehearsal;

import org.jspecify.annotations.NullMarked;
