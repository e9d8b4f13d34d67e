/**
 * Values of options.
 *
 * <ul>
 *   <li>{@link io.faultline.cli.options.OptionValues}: registers a parser for each type with
 *       picocli; a command has fields of these types.
 *   <li>{@link io.faultline.cli.options.ByteSize}, {@link io.faultline.cli.options.Bandwidth},
 *       {@link io.faultline.cli.options.Durations}, {@link io.faultline.cli.options.HostPort},
 *       {@link io.faultline.cli.options.SwitchAfter}, {@code Backings}: quantities and names.
 *   <li>{@link io.faultline.cli.options.OnOff}, {@link io.faultline.cli.options.OnLostSource},
 *       {@link io.faultline.cli.options.DirtyLogChoice}, {@link
 *       io.faultline.cli.options.QemuGuestKind}: choices; {@code Named} parses enums of other
 *       modules.
 *   <li>{@link io.faultline.cli.options.GivenOptions}: the options that the user gave, to refuse
 *       those that mean nothing beside others.
 *   <li>{@link io.faultline.cli.options.UsageException}: wrong use that only a command can detect.
 * </ul>
 */
@NullMarked
package io.faultline.cli.options;

import org.jspecify.annotations.NullMarked;
