/**
 * A VM of one's own, written against the public API of the nodes only.
 *
 * <ul>
 *   <li>{@code CounterTable}: the VM, outgoing and incoming; {@code Move}: migrates one. Both are
 *       shown in docs/own-vm.md.
 *   <li>{@code CounterTableTest}: migrates it, and lets migrations fail.
 *   <li>{@code OwnVmPageTest}: docs/own-vm.md shows the code that is tested.
 * </ul>
 */
@NullMarked
package io.faultline.tests.example;

import org.jspecify.annotations.NullMarked;
