/**
 * What happens in one run, drawn from the seed before it starts: {@link
 * io.faultline.cli.simulation.plan.RunPlan}, with the {@link
 * io.faultline.cli.simulation.plan.InjectedFault}s and what triggers each.
 */
@NullMarked
package io.faultline.cli.simulation.plan;

import org.jspecify.annotations.NullMarked;
