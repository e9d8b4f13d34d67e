/** The outgoing migration. A VM is handed over as an {@link io.faultline.source.OutgoingVm}. */
@NullMarked
package io.faultline.source;

import org.jspecify.annotations.NullMarked;
