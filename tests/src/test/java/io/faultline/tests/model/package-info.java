/**
 * The protocol as a model: {@link io.faultline.tests.model.HandoverModelTest} has Spin look at
 * every order in which things can happen in docs/handover.pml.
 */
@NullMarked
package io.faultline.tests.model;

import org.jspecify.annotations.NullMarked;
