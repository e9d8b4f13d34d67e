/**
 * What crosses processes: the packaged jar, started as a user starts it.
 *
 * <ul>
 *   <li>{@link io.faultline.tests.process.Jar}, {@link io.faultline.tests.process.Processes},
 *       {@link io.faultline.tests.process.Node}: start commands, read what they say, end them.
 *   <li>{@link io.faultline.tests.process.StartCache}, {@link
 *       io.faultline.tests.process.FastNodeOptions}: how commands start fast, and what they leave
 *       out so that many can be tested.
 *   <li>{@link io.faultline.tests.process.Result}: what a result has to hold.
 *   <li>{@link io.faultline.tests.process.FakeSource}, {@link
 *       io.faultline.tests.process.FakeDestination}, {@link
 *       io.faultline.tests.process.ForeignServer}: peers that do not do what they should.
 *   <li>The tests: migrations that succeed, wrong use, strangers, peers that lie, peers that die.
 * </ul>
 */
@NullMarked
package io.faultline.tests.process;

import org.jspecify.annotations.NullMarked;
