/**
 * The files that a command writes at its end, such as its result, and how none of them gets lost.
 *
 * <ul>
 *   <li>{@link io.faultline.cli.output.ResultOutput}: opens them before anything starts, writes
 *       them at the end, and elsewhere if they cannot be written where the user wants them.
 *   <li>{@code OutputFile}: one of them. {@code ReplacedFile} is written beside an earlier one and
 *       replaces it when it is complete; {@code OpenedStream} is a device, a FIFO, a descriptor of
 *       this process, or a file in a directory that does not permit new ones.
 *   <li>{@code OutputPath}: where a path leads; {@code FileProblem}: why a file cannot be written,
 *       and what to do.
 *   <li>{@link io.faultline.cli.output.DirectoryCheck}: whether a directory that is needed later
 *       can hold files.
 *   <li>{@code SpareFile}: where a result goes that cannot go where the user wants it.
 *   <li>{@link io.faultline.cli.output.ScratchDirectory}: files that are gone at the end.
 * </ul>
 */
@NullMarked
package io.faultline.cli.output;

import org.jspecify.annotations.NullMarked;
