/**
 * Processes that stock CRIU moves between two hosts of a {@link
 * io.faultline.cli.bench.criu.CriuLab}, while {@code lazy-pages} and {@code page-server} of this
 * project fill their memory. Skipped where {@code tests/criu/get-criu.sh} could not get CRIU.
 *
 * <ul>
 *   <li>{@code Labs}: opens labs for a test, and closes them after it.
 *   <li>{@code StockDaemonTest}: the lab itself, with nothing but CRIU.
 *   <li>{@code LazyPagesTest}: a {@code SlowMove} of a process that changes its address space as
 *       its {@code Scenario} says; {@code RepeatedLazyPagesTest} repeats it. {@code
 *       LocalImagesTest}: pages from image files, also {@code IncrementalImages}. {@code
 *       OlderCriuTest}: CRIU 4.1.1.
 *   <li>{@code DaemonStartTest}: in the background, before the dump, with a connection that exists
 *       already. {@code SignalTest}: its end by a signal. {@code TlsTest}: the pages over TLS. They
 *       move a {@code FrozenServer}.
 *   <li>{@code CriuScriptTest}: the script {@code cli/bin/criu}. {@code RuncTest}: a container of
 *       runc, with that script.
 *   <li>{@code PageServerTest}: receiving the pages of a dump, and serving them.
 *   <li>{@code PageSourceTest}: pages straight from the frozen process, over a network that breaks.
 *   <li>{@code BadInputTest}: wrong messages and wrong images. {@code BadPageServerTest}: a {@code
 *       LyingPageServer}.
 * </ul>
 */
@NullMarked
package io.faultline.tests.criu;

import org.jspecify.annotations.NullMarked;
