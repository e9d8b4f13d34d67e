/**
 * {@code faultline pager}: {@link io.faultline.cli.pager.PagerCommand} has the options, {@code
 * PagerRun} checks and opens what they name and runs until a signal, {@code PagerLog} prints what
 * happens to clients.
 */
@NullMarked
package io.faultline.cli.pager;

import org.jspecify.annotations.NullMarked;
