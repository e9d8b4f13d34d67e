/**
 * Runs a node's code before a real VM waits for it: {@link
 * io.faultline.cli.rehearsal.NodeRehearsal}, small migrations in this JVM at the start of {@code
 * source} and {@code dest}.
 */
@NullMarked
package io.faultline.cli.rehearsal;

import org.jspecify.annotations.NullMarked;
