# SPDX-License-Identifier: Apache-2.0
"""The cases, one module a subject. Importing them fills case.CASES."""
from . import updates, control, authentication, encryption, trust_domains, management, refusals  # noqa: F401
