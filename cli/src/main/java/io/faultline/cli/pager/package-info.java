/**
 * {@code faultline pager}: {@link io.faultline.cli.pager.PagerCommand} has the options, {@code
 * PagerRun} opens what they name and runs until a signal, {@code StoreSpace} finds a full disk
 * before there are clients, {@code PagerLog} prints what happens to them, {@code PagerResult} is
 * the file with what was done.
 */
@NullMarked
package io.faultline.cli.pager;

import org.jspecify.annotations.NullMarked;
