/**
 * How {@code --help} looks.
 *
 * <ul>
 *   <li>{@link io.faultline.cli.help.HelpLayout}: installs the layout in a command line.
 *   <li>{@code CommandGroup}: which commands are listed under which heading.
 *   <li>{@link io.faultline.cli.help.OptionGroup}, {@link io.faultline.cli.help.InGroup}: the
 *       headings of options, and the annotation that puts an option under one.
 *   <li>{@code OptionGroups}: the options of a command, by heading. docs/command-line.md has the
 *       same tables.
 * </ul>
 */
@NullMarked
package io.faultline.cli.help;

import org.jspecify.annotations.NullMarked;
