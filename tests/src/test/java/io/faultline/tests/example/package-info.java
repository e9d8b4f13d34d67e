/**
 * A VM of one's own, written with nothing but the public API of the nodes.
 *
 * <ul>
 *   <li>{@link io.faultline.tests.example.CounterTable}: the example of docs/own-vm.md.
 *   <li>{@link io.faultline.tests.example.CounterTableTest}: it keeps its promises.
 *   <li>{@link io.faultline.tests.example.OwnVmPageTest}: the page shows the code that is tested.
 * </ul>
 */
@NullMarked
package io.faultline.tests.example;

import org.jspecify.annotations.NullMarked;
