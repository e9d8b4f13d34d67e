/**
 * What a command needs to take the place of one of CRIU's.
 *
 * <ul>
 *   <li>Arguments: {@link io.faultline.cli.criu.CriuPreprocessor} lets picocli read them as CRIU
 *       does: {@code CriuArguments} (getopt_long), {@code CriuOption} (all options of CRIU), {@code
 *       CriuConfiguration} (its configuration files).
 *   <li>{@link io.faultline.cli.criu.CriuOptions}: the options that both commands have, with which
 *       it runs a {@link io.faultline.cli.criu.CriuCommand}; {@link
 *       io.faultline.cli.criu.ServerOptions}: those of a page server's address and TLS.
 *   <li>{@link io.faultline.cli.criu.Directories}: the directories to which paths are relative.
 *   <li>{@link io.faultline.cli.criu.CriuLog}: the log, in CRIU's form.
 *   <li>{@link io.faultline.cli.criu.Readiness}: the status descriptor, the file with the process
 *       id, and the parent of a command in the background, {@code BackgroundStart}.
 * </ul>
 */
@NullMarked
package io.faultline.cli.criu;

import org.jspecify.annotations.NullMarked;
