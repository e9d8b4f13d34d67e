/**
 * Processes that stock CRIU moves between two hosts on this machine, with CRIU's daemon or ours.
 * For {@code bench --only criu} and for the tests.
 *
 * <ul>
 *   <li>{@link io.faultline.cli.bench.criu.CriuLab}: a {@link
 *       io.faultline.cli.bench.criu.SourceHost} and {@link
 *       io.faultline.cli.bench.criu.DestinationHost}s; each is a {@link
 *       io.faultline.cli.bench.criu.Host}, a set of namespaces. A {@link
 *       io.faultline.cli.bench.criu.LinkRelay} slows their connection down ({@link
 *       io.faultline.cli.bench.criu.LinkSpeed}), and cuts it.
 *   <li>In a host: {@link io.faultline.cli.bench.criu.HostCommand} is a running command, {@link
 *       io.faultline.cli.bench.criu.LineClient} a connection to a server. {@link
 *       io.faultline.cli.bench.criu.PeakMemory} measures a command, {@code Commands} runs short
 *       ones.
 *   <li>{@link io.faultline.cli.bench.criu.Application}: what is moved. {@link
 *       io.faultline.cli.bench.criu.HeapServer} is the JVM among them; {@link
 *       io.faultline.cli.bench.criu.OwnProgram} starts it.
 *   <li>{@link io.faultline.cli.bench.criu.DaemonProgram}: what fills its memory; {@link
 *       io.faultline.cli.bench.criu.DaemonLauncher} starts ours as the launcher does.
 *   <li>{@link io.faultline.cli.bench.criu.StockPrograms}: CRIU and redis; {@link
 *       io.faultline.cli.bench.criu.LabPrograms}: the C programs in the resources of this package.
 *   <li>{@link io.faultline.cli.bench.criu.LabUnavailableException}: what this machine lacks.
 *       {@code PipeSizeLimit}: a setting of the machine that stock CRIU needs.
 * </ul>
 */
@NullMarked
package io.faultline.cli.bench.criu;

import org.jspecify.annotations.NullMarked;
