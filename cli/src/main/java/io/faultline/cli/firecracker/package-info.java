/**
 * {@code faultline uffd-handler}.
 *
 * <ul>
 *   <li>{@link io.faultline.cli.firecracker.UffdHandlerCommand}: the options; {@code
 *       UffdHandlerRun} runs until a signal.
 *   <li>{@code UffdHandlerLog}: prints what happens to VMs, and counts it for {@code --json}.
 * </ul>
 */
@NullMarked
package io.faultline.cli.firecracker;

import org.jspecify.annotations.NullMarked;
