/**
 * The incoming migration. The VM is built and started through an {@link
 * io.faultline.dest.IncomingVm}.
 */
@NullMarked
package io.faultline.dest;

import org.jspecify.annotations.NullMarked;
