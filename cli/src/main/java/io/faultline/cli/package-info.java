/**
 * The command line.
 *
 * <ul>
 *   <li>{@link io.faultline.cli.Main}: the entry point, the list of commands, exit codes; {@code
 *       Errors} describes any failure in one line.
 *   <li>Move a VM: {@link io.faultline.cli.demo}, {@link io.faultline.cli.source}, {@link
 *       io.faultline.cli.dest}. They share options ({@link io.faultline.cli.mixin}) and results
 *       ({@link io.faultline.cli.report}, {@link io.faultline.cli.metrics}); nodes first rehearse
 *       ({@link io.faultline.cli.rehearsal}; AOT caches are recorded from that: {@link
 *       io.faultline.cli.training}; guests of QEMU: {@link io.faultline.cli.qemu}), and {@code
 *       demo} starts them as child processes ({@link io.faultline.cli.process}), through a faulty
 *       network on request ({@link io.faultline.cli.chaos}).
 *   <li>Memory larger than RAM: {@link io.faultline.cli.pager}, with stores in compressed memory
 *       ({@link io.faultline.cli.compression}).
 *   <li>Snapshots of VMs: {@link io.faultline.cli.snapshot}.
 *   <li>Inspect and prepare: {@link io.faultline.cli.status}, {@link io.faultline.cli.doctor},
 *       {@link io.faultline.cli.keys}.
 *   <li>Test and measure: {@link io.faultline.cli.conformance}, {@link
 *       io.faultline.cli.simulation}, {@link io.faultline.cli.bench}, with {@link
 *       io.faultline.cli.experiment}.
 *   <li>For all commands: types of option values ({@link io.faultline.cli.options}), {@code --help}
 *       ({@link io.faultline.cli.help}), {@code --engine} ({@link io.faultline.cli.engine}), what
 *       is printed ({@link io.faultline.cli.terminal}, {@link io.faultline.cli.logging}), files
 *       that are written at the end ({@link io.faultline.cli.output}).
 * </ul>
 *
 * <p>Every command class is loaded at the start of every command, together with the types of its
 * fields and method signatures. So a command class has only options, and leaves the work, and with
 * it Netty, Micrometer and Jackson, to other classes.
 */
@NullMarked
package io.faultline.cli;

import org.jspecify.annotations.NullMarked;
