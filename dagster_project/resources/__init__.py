"""Resources: the warehouse, dbt and the MLflow registry."""
