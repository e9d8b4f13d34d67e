/**
 * Which side owns a VM: what nodes record while they work, and what follows from it for the user,
 * also after a crash.
 *
 * <ul>
 *   <li>{@link io.faultline.cli.status.StateDirectory}: where status files and journals are; {@link
 *       io.faultline.cli.status.StateOption}: the option that names it.
 *   <li>{@link io.faultline.cli.status.StatusFile}: a node updates it before each {@link
 *       io.faultline.cli.status.OwnershipStep}, on the thread of the migration; {@code NodeStatus}
 *       is its contents. {@code OomScore}: how early the OOM killer ends the node, which follows
 *       from the step.
 *   <li>{@code NodeStatusList}: reads all status files and journals of a directory.
 *   <li>{@link io.faultline.cli.status.TakeOverFiles}: what a destination keeps for another process
 *       that takes its migration over.
 *   <li>{@link io.faultline.cli.status.LiveNode}: a node that runs and has a control socket; {@link
 *       io.faultline.cli.status.LeftGuest}: a guest that waits for a node; {@link
 *       io.faultline.cli.status.ControlClient} talks to a node.
 *   <li>{@link io.faultline.cli.status.PagerStatusFile}: by which a pager is known; {@code
 *       PagerStatus} is what it answers, {@code PagerStatusText} shows it.
 *   <li>{@code RecoveryAdvice}: derives from an entry which side owns the VM, and what to do;
 *       {@link io.faultline.cli.status.ResumeCommand}: the command that resumes a dead source.
 *   <li>{@link io.faultline.cli.status.StatusCommand}: {@code faultline status}, prints all of it.
 * </ul>
 */
@NullMarked
package io.faultline.cli.status;

import org.jspecify.annotations.NullMarked;
