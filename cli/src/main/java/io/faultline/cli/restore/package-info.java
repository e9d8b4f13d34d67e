/**
 * Processes that CRIU restores: {@link io.faultline.cli.restore.LazyPagesCommand}, with the options
 * of {@code criu lazy-pages}.
 */
@NullMarked
package io.faultline.cli.restore;

import org.jspecify.annotations.NullMarked;
