/**
 * The commands that migrate: {@code source} and {@code dest}, the two ends by hand, and {@code
 * demo}, which starts both on this machine. Options that they share are in the {@code ...Options}
 * classes. Either node first rehearses ({@code NodeRehearsal}); {@code train} does so for the AOT
 * cache.
 */
@NullMarked
package io.faultline.cli.node;

import org.jspecify.annotations.NullMarked;
