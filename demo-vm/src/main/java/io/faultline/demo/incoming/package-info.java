/**
 * What both kinds of VM share as incoming VMs of a migration.
 *
 * <ul>
 *   <li>{@link io.faultline.demo.incoming.DemoDestination}: builds the VM, loads its device state,
 *       starts or abandons it; called by one thread of the migration at a time.
 *   <li>{@link io.faultline.demo.incoming.ArrivingVm}: what it needs of the VM.
 * </ul>
 */
@NullMarked
package io.faultline.demo.incoming;

import org.jspecify.annotations.NullMarked;
