/**
 * Processes that CRIU restores.
 *
 * <ul>
 *   <li>{@link io.faultline.cli.restore.LazyPagesCommand}: in place of {@code criu lazy-pages}.
 *       {@code LazyPagesRun} runs it: {@code OriginChoice} (where pages come from), {@code
 *       RestoreProgress}, {@code RestoreResult}.
 *   <li>{@code WireOptions}: how it authenticates to a page source of Faultline's.
 * </ul>
 */
@NullMarked
package io.faultline.cli.restore;

import org.jspecify.annotations.NullMarked;
