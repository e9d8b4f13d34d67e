/**
 * {@code faultline pager}.
 *
 * <ul>
 *   <li>{@link io.faultline.cli.pager.PagerCommand}: the options, which become {@code
 *       PagerSettings}; {@code PagerRun} opens what they name and runs until a signal.
 *   <li>{@code StoreSpace}: finds a full disk before there are clients.
 *   <li>{@code PagerLog}: prints what happens to clients, and counts them. {@code PagerFigures}:
 *       what {@code faultline status} asks; {@code PagerMeters}: the same for Prometheus; {@code
 *       PagerResult}: the file with what was done.
 * </ul>
 */
@NullMarked
package io.faultline.cli.pager;

import org.jspecify.annotations.NullMarked;
