/**
 * Aids for measurements of a node, switched on by system properties: {@link
 * io.faultline.cli.experiment.GarbageGenerator} makes the collector run, {@link
 * io.faultline.cli.experiment.Ballast} keeps memory away from a hypervisor.
 */
@NullMarked
package io.faultline.cli.experiment;

import org.jspecify.annotations.NullMarked;
