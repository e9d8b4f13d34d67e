/**
 * Relays between a source and a destination: {@link io.faultline.tests.relay.Relay} accepts and
 * connects; its subclasses, next to their tests, corrupt, hold, lose and break what passes.
 */
@NullMarked
package io.faultline.tests.relay;

import org.jspecify.annotations.NullMarked;
