/**
 * Processes that CRIU restores.
 *
 * <ul>
 *   <li>{@link io.faultline.cli.restore.LazyPagesCommand}: in place of {@code criu lazy-pages}.
 *       {@code LazyPagesRun} runs it: {@code OriginChoice} (where pages come from: {@code
 *       ServerOrigin}, {@code WireOrigin}), {@code OutcomeChoice}, {@code RestoreProgress}, {@code
 *       RestoreResult}, {@code RestoreRecorder} (for the report).
 *   <li>{@link io.faultline.cli.restore.PageServerCommand}: in place of {@code criu page-server}
 *       ({@code PageServerRun}), and the page source beside frozen processes ({@code
 *       PageSourceRun}).
 *   <li>{@code FromOptions} and {@code SourceOptions}: the two sides of Faultline's wire; {@code
 *       WireOptions}: how they authenticate each other. {@code SignalHook}: both end as after a
 *       failure when a signal comes.
 * </ul>
 */
@NullMarked
package io.faultline.cli.restore;

import org.jspecify.annotations.NullMarked;
