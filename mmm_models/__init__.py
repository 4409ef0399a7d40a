"""The science: panels, specs, engines, evidence, planning. Imports neither dagster nor dbt nor warehouse."""
