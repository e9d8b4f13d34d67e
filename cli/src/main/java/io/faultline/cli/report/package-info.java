/**
 * What a migration is told as: the result as JSON, made by each node of what it knows and merged by
 * {@code demo}; the summary and the progress bar for a person.
 */
@NullMarked
package io.faultline.cli.report;

import org.jspecify.annotations.NullMarked;
